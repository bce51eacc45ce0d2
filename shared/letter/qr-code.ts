import { create } from 'qrcode';

/** A QR code of `text` as one SVG path without quiet zone: the page around it is white. Level M stands 15 % damage. */
export const qrSvg = (text: string): string => {
  const { size, data } = create(text, { errorCorrectionLevel: 'M' }).modules;
  let path = '';
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (data[y * size + x] === 0) continue;
      const from = x;
      while (x + 1 < size && data[y * size + x + 1] === 1) x += 1;
      path += `M${from} ${y}h${x + 1 - from}v1h-${x + 1 - from}z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path d="${path}"/></svg>`;
};
