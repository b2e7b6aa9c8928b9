import { useEffect, useState } from 'preact/hooks';
import { pictureRequest } from '../requests.js';
import type { Request } from '../wire.js';

export interface PictureFormProps {
  readonly name: string;
  readonly task: string;
  readonly onAsk: (request: Request) => void;
  readonly isAsking: boolean;
}

/** What the server takes; the browser makes PNG of all else that it can show. */
const taken = ['image/jpeg', 'image/png', 'image/webp'];

/** A picture that is chosen, dropped, pasted or photographed, and sent at once. */
export function PictureForm({ name, task, onAsk, isAsking }: PictureFormProps) {
  const [isOver, setIsOver] = useState(false);
  const [trouble, setTrouble] = useState<string>();

  const take = async (file: Blob | null | undefined): Promise<void> => {
    if (!file) return;
    setTrouble(undefined);
    try {
      onAsk(pictureRequest(name, task, taken.includes(file.type) ? file : await asPng(file)));
    } catch {
      setTrouble('The browser cannot show this file as a picture.');
    }
  };
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (file) void take(file);
    };
    addEventListener('paste', onPaste);
    return () => removeEventListener('paste', onPaste);
  }, [name]);

  return (
    <section
      aria-label="Picture"
      class="drop"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <label for="picture">Picture</label>
      <input
        id="picture"
        type="file"
        accept="image/*"
        disabled={isAsking}
        onChange={(event) => void take(event.currentTarget.files?.[0])}
      />
      <p class="quiet">Choose one, drop it here, or paste it. It goes to this server and nowhere else.</p>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
    </section>
  );
}

async function asPng(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
