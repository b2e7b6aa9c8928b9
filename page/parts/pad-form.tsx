import { useRef, useState } from 'preact/hooks';
import type { Form } from '../form.js';
import { padRequest } from '../requests.js';
import type { Request } from '../wire.js';

export interface PadFormProps {
  readonly name: string;
  readonly form: Extract<Form, { kind: 'pad' }>;
  readonly onAsk: (request: Request) => void;
  readonly isAsking: boolean;
}

const pixels = 256;
/** How thick the pen is, in cells of the input. */
const penCells = 1.1;
/** What full ink is for most models; of 8 by 8 the training data everybody knows has 16. */
const usualInk = (side: number): string => (side === 8 ? '16' : '1');

/** A square to draw on, which is sent as the mean of the ink in each cell. With the keyboard: arrows move, space draws. */
export function PadForm({ name, form: { input, side }, onAsk, isAsking }: PadFormProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<readonly [number, number] | undefined>(undefined);
  const [most, setMost] = useState(usualInk(side));
  const [cell, setCell] = useState<readonly [number, number]>([side >> 1, side >> 1]);

  const pen = (): CanvasRenderingContext2D => {
    const context = canvas.current?.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
    context.lineWidth = (pixels / side) * penCells;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.strokeStyle = '#000';
    return context;
  };
  const line = (from: readonly [number, number], to: readonly [number, number]): void => {
    const context = pen();
    context.beginPath();
    context.moveTo(...(from as [number, number]));
    context.lineTo(...(to as [number, number]));
    context.stroke();
  };
  const pointOf = ({ offsetX, offsetY }: PointerEvent): readonly [number, number] => {
    const scale = pixels / (canvas.current?.clientWidth || pixels);
    return [offsetX * scale, offsetY * scale];
  };
  const ask = (): void => {
    const context = pen();
    const { data } = context.getImageData(0, 0, pixels, pixels);
    onAsk(padRequest(name, input, inkOf(data, side), Number(most) || 1));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    const middle = (at: number): number => ((at + 0.5) * pixels) / side;
    if (event.key === ' ') line([middle(cell[0]), middle(cell[1])], [middle(cell[0]) + 0.1, middle(cell[1])]);
    else if (move) setCell([clamp(cell[0] + move[0], side), clamp(cell[1] + move[1], side)]);
    else return;
    event.preventDefault();
  };

  return (
    <form
      class="pad"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <div class="sheet" style={{ '--cell': `${100 / side}%`, '--x': cell[0], '--y': cell[1] }}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is drawn on, with the keyboard, too */}
        <canvas
          ref={canvas}
          width={pixels}
          height={pixels}
          tabindex={0}
          role="application"
          aria-label={`Drawing of ${side} by ${side} cells: arrow keys move, space draws. At column ${cell[0] + 1}, row ${cell[1] + 1}.`}
          onKeyDown={onKeyDown}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            last.current = pointOf(event);
            line(last.current, last.current);
          }}
          onPointerMove={(event) => {
            if (last.current === undefined) return;
            const point = pointOf(event);
            line(last.current, point);
            last.current = point;
          }}
          onPointerUp={() => {
            last.current = undefined;
          }}
        />
        <span class="cursor" aria-hidden="true" />
      </div>
      <div class="stack">
        <label for="ink">Full ink is</label>
        <input
          id="ink"
          type="text"
          inputmode="decimal"
          value={most}
          onInput={(event) => setMost(event.currentTarget.value)}
        />
        <button type="submit" class="main" disabled={isAsking}>
          Predict
        </button>
        <button type="button" onClick={() => pen().clearRect(0, 0, pixels, pixels)}>
          Clear
        </button>
      </div>
    </form>
  );
}

const clamp = (at: number, side: number): number => Math.min(side - 1, Math.max(0, at));

/** The mean of the ink in each cell, row by row, from 0 to 1. `data`: of the whole sheet, four bytes a pixel. */
export function inkOf(data: Uint8ClampedArray, side: number): readonly number[] {
  const size = pixels / side;
  return Array.from({ length: side * side }, (_, cell) => {
    const [left, top] = [Math.floor((cell % side) * size), Math.floor(Math.floor(cell / side) * size)];
    const [right, bottom] = [Math.floor(((cell % side) + 1) * size), Math.floor((Math.floor(cell / side) + 1) * size)];
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[(y * pixels + x) * 4 + 3] ?? 0;
    return sum / 255 / ((right - left) * (bottom - top));
  });
}
