export const openMetricsType = 'application/openmetrics-text';

const weight = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** Whether an `Accept` header names OpenMetrics, and likes no plain text better. Who names neither gets plain text. */
export function acceptsOpenMetrics(header = ''): boolean {
  const weights = { [openMetricsType]: 0, 'text/plain': 0 };
  for (const range of header.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (type !== openMetricsType && type !== 'text/plain') continue;
    const given = parameters.map((parameter) => weight.exec(parameter)?.[1]).find((found) => found !== undefined);
    // Of several versions of a type the one that is liked best.
    weights[type] = Math.max(weights[type], Number(given ?? 1));
  }
  return weights[openMetricsType] > 0 && weights[openMetricsType] >= weights['text/plain'];
}
