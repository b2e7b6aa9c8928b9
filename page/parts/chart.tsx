export interface ChartProps {
  readonly title: string;
  readonly points: readonly number[];
  /** The figure that counts, in words. */
  readonly value: string;
  readonly isBars?: boolean;
}

const [width, height] = [100, 28];

/** A figure with its course; the course is decoration. */
export function Chart({ title, points, value, isBars = false }: ChartProps) {
  const most = Math.max(...points, 1e-9);
  const y = (point: number): number => height - 1 - (point / most) * (height - 3);
  const step = width / Math.max(1, isBars ? points.length : points.length - 1);
  return (
    <figure class="tile">
      <figcaption>{title}</figcaption>
      <div class="value">{value}</div>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {isBars
          ? points.map((point, at) => (
              <rect key={at} x={at * step + step * 0.1} width={step * 0.8} y={y(point)} height={height - y(point)} />
            ))
          : points.length > 1 && <polyline points={points.map((point, at) => `${at * step},${y(point)}`).join(' ')} />}
      </svg>
    </figure>
  );
}
