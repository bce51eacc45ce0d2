import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Charts as plain SVG (docs/decisions/0109). They are drawn at the width they stand in, so that text keeps its size on a
 * phone; what they show is told in words by `label`, and in figures by the table that `Figures` puts below them.
 */

/** One place of a line: its value and interval, none where too few answered. */
export interface Point {
  readonly name: string;
  readonly value?: number;
  readonly low?: number;
  readonly high?: number;
}

const HEIGHT = 220;
const [TOP, RIGHT, BOTTOM, LEFT] = [14, 12, 26, 40];

const useWidth = (): readonly [RefObject<HTMLDivElement | null>, number] => {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (ref.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
};

/** About four round numbers over a range: 1, 2 or 5 times a power of ten apart. */
const ticksOf = (low: number, high: number): readonly number[] => {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((times) => times * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toFixed(6)));
};

/** The stretches of points that follow one another without a gap. */
const stretchesOf = (points: readonly Point[]): readonly (readonly number[])[] => {
  const stretches: number[][] = [];
  for (const [n, { value }] of points.entries()) {
    if (value === undefined) continue;
    if (n > 0 && points[n - 1]?.value !== undefined) stretches.at(-1)?.push(n);
    else stretches.push([n]);
  }
  return stretches;
};

const Drawing = ({ label, children }: { label: string; children: (width: number) => ComponentChildren }) => {
  const [ref, width] = useWidth();
  return (
    <div class="chart" ref={ref}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
          {children(width)}
        </svg>
      )}
    </div>
  );
};

const Axis = ({
  ticks,
  y,
  width,
  show,
}: {
  ticks: readonly number[];
  y: (value: number) => number;
  width: number;
  show: (value: number) => string;
}) => (
  <>
    {ticks.map((tick) => (
      <g key={tick}>
        <line class={tick === 0 ? 'zero' : 'grid'} x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
        <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
          {show(tick)}
        </text>
      </g>
    ))}
  </>
);

/** A line through the values of periods, with its interval as a band. */
export const LineChart = ({
  points,
  label,
  show,
}: {
  points: readonly Point[];
  label: string;
  show: (value: number) => string;
}) => {
  const ends = points.flatMap(({ value, low = value, high = value }) =>
    low === undefined || high === undefined ? [] : [low, high],
  );
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const ticks = ticksOf(least, most === least ? least + 1 : most);
  const [bottom, top] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const y = (value: number): number => TOP + ((top - value) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  return (
    <Drawing label={label}>
      {(width) => {
        const room = width - LEFT - RIGHT;
        const x = (n: number): number => LEFT + ((n + 0.5) / points.length) * room;
        const at = (n: number, value: number | undefined): string => `${x(n).toFixed(1)},${y(value ?? 0).toFixed(1)}`;
        // one name every 72 pixels at most, or they run into one another
        const every = Math.ceil((points.length * 72) / room);
        return (
          <>
            <Axis ticks={ticks} y={y} width={width} show={show} />
            {points.map(({ name }, n) =>
              n % every === 0 ? (
                <text key={name} x={x(n)} y={HEIGHT - 6} text-anchor="middle">
                  {name}
                </text>
              ) : null,
            )}
            {stretchesOf(points).map((stretch) => {
              const band = [
                ...stretch.map((n) => at(n, points[n]?.high ?? points[n]?.value)),
                ...stretch.toReversed().map((n) => at(n, points[n]?.low ?? points[n]?.value)),
              ];
              return (
                <g key={stretch[0]}>
                  <polygon class="band" points={band.join(' ')} />
                  <polyline class="line" points={stretch.map((n) => at(n, points[n]?.value)).join(' ')} />
                  {stretch.map((n) => (
                    <g key={n}>
                      {stretch.length === 1 && (
                        <line
                          class="whisker"
                          x1={x(n)}
                          x2={x(n)}
                          y1={y(points[n]?.high ?? points[n]?.value ?? 0)}
                          y2={y(points[n]?.low ?? points[n]?.value ?? 0)}
                        />
                      )}
                      <circle class="dot" cx={x(n)} cy={y(points[n]?.value ?? 0)} r="3.5" />
                    </g>
                  ))}
                </g>
              );
            })}
          </>
        );
      }}
    </Drawing>
  );
};

/** A bar for each value; `tone` colours it as the measure does. */
export const BarChart = ({
  bars,
  label,
  show,
}: {
  bars: readonly { readonly name: string; readonly count: number; readonly tone: 'good' | 'fair' | 'bad' }[];
  label: string;
  show: (value: number) => string;
}) => {
  const most = Math.max(...bars.map(({ count }) => count), 1);
  const floor = HEIGHT - BOTTOM;
  return (
    <Drawing label={label}>
      {(width) => {
        const step = width / bars.length;
        return bars.map(({ name, count, tone }, n) => {
          const height = (count / most) * (floor - TOP - 8);
          const middle = (n + 0.5) * step;
          return (
            <g key={name}>
              <rect
                class={`bar ${tone}`}
                x={n * step + step * 0.14}
                width={step * 0.72}
                y={floor - height}
                height={height}
                rx="3"
              />
              <text class="count" x={middle} y={floor - height - 5} text-anchor="middle">
                {count === 0 ? '' : show(count)}
              </text>
              <text x={middle} y={HEIGHT - 6} text-anchor="middle">
                {name}
              </text>
            </g>
          );
        });
      }}
    </Drawing>
  );
};

/** An interval on a scale that all rows of a table share. */
export const Whisker = ({
  value,
  low,
  high,
  from,
  to,
}: {
  value: number;
  low: number;
  high: number;
  from: number;
  to: number;
}) => {
  const x = (at: number): number => 4 + ((at - from) / (to - from || 1)) * 112;
  return (
    <svg class="interval" width="120" height="16" viewBox="0 0 120 16" aria-hidden="true">
      <line class="grid" x1="4" x2="116" y1="8" y2="8" />
      <line class="whisker" x1={x(low)} x2={x(high)} y1="8" y2="8" />
      <circle class="dot" cx={x(value)} cy="8" r="4" />
    </svg>
  );
};

/** The figures behind a chart, folded away. */
export const Figures = ({
  title,
  columns,
  rows,
}: {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}) => (
  <details class="behind">
    <summary>{title}</summary>
    <table>
      <thead>
        <tr>
          {columns.map((column, n) => (
            <th scope="col" class={n === 0 ? '' : 'number'} key={column}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, ...cells]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {cells.map((cell, n) => (
              <td class="number" key={columns[n + 1]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </details>
);
