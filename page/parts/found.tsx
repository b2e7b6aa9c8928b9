import { useEffect, useRef, useState } from 'preact/hooks';
import type { Detection } from '../answers.js';
import { hueOf } from './entities.js';

export interface FoundProps {
  readonly detections: readonly Detection[];
  readonly size: { readonly width: number; readonly height: number };
  readonly picture: string | Blob;
}

/** What a detector found, drawn over the picture: masks, boxes or corners, points, names. */
export function Found({ detections, size: { width, height }, picture }: FoundProps) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!(picture instanceof Blob)) return;
    const made = URL.createObjectURL(picture);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  const unit = Math.max(width, height) / 100;
  return (
    <figure class="found">
      <div class="stage" style={{ aspectRatio: `${width} / ${height}` }}>
        {url && <img src={url} alt="What was sent" />}
        <Masks detections={detections} width={width} height={height} />
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          {detections.map((detection, at) => (
            <Outline key={at} detection={detection} unit={unit} />
          ))}
        </svg>
      </div>
      <figcaption>
        {detections.length === 0 ? (
          <p class="quiet">Nothing was found in the picture.</p>
        ) : (
          <ul class="legend">
            {detections.map(({ label, score }, at) => (
              <li key={at} style={{ '--hue': hueOf(label) }}>
                {label} <span class="number">{(100 * score).toFixed(1)} %</span>
              </li>
            ))}
          </ul>
        )}
      </figcaption>
    </figure>
  );
}

function Outline({ detection, unit }: { readonly detection: Detection; readonly unit: number }) {
  const { label, box, corners, keypoints } = detection;
  const { xmin, ymin, xmax, ymax } = box;
  const points = corners ?? [
    [xmin, ymin],
    [xmax, ymin],
    [xmax, ymax],
    [xmin, ymax],
  ];
  return (
    <g style={{ '--hue': hueOf(label) }}>
      <polygon points={points.map((point) => point.join(',')).join(' ')} stroke-width={unit / 2} />
      {keypoints?.map(([x, y, sure], at) => sure > 0.3 && <circle key={at} cx={x} cy={y} r={unit} />)}
      <text x={xmin} y={Math.max(ymin - unit / 2, unit * 3)} font-size={unit * 3}>
        {label}
      </text>
    </g>
  );
}

/** Masks come as runs of zeros and ones down the columns. */
function Masks({ detections, width, height }: Omit<FoundProps, 'picture' | 'size'> & FoundProps['size']) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const masked = detections.filter(({ mask }) => mask !== undefined);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, width, height);
    for (const { label, mask } of masked) {
      context.fillStyle = `hsl(${hueOf(label)} 90% 55% / 45%)`;
      const rows = mask?.size[0] ?? height;
      let at = 0;
      mask?.counts.forEach((count, run) => {
        // A run goes on at the top of the next column.
        for (let end = at + count; run % 2 === 1 && at < end; ) {
          const length = Math.min(end - at, rows - (at % rows));
          context.fillRect(Math.floor(at / rows), at % rows, 1, length);
          at += length;
        }
        if (run % 2 === 0) at += count;
      });
    }
  }, [masked, width, height]);
  return masked.length === 0 ? null : <canvas ref={canvas} width={width} height={height} />;
}
