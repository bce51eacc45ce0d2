/** Where things stand on an A4 page, in millimetres from its top left corner; type sizes in points. */
export interface LetterFormat {
  readonly fontSize: number;
  readonly largePrint: boolean;
  readonly marginLeft: number;
  readonly marginRight: number;
  /** The envelope's window: return line above, address from `addressFrom` downwards. */
  readonly window: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly addressFrom: number;
  };
  /** The block with date and reference, beside the window. */
  readonly info: { readonly x: number; readonly width: number };
  /** Where the subject begins. */
  readonly bodyFrom: number;
  /** Edge of the QR code without its quiet zone: at least 20 (product.md M2). */
  readonly qr: number;
}

/** DIN 5008 form B with the window of a DL or C5/6 envelope. */
const normal: LetterFormat = {
  fontSize: 10.5,
  largePrint: false,
  marginLeft: 25,
  marginRight: 20,
  window: { x: 25, y: 45, width: 80, height: 45, addressFrom: 14 },
  info: { x: 130, width: 60 },
  bodyFrom: 98,
  qr: 24,
};

/** 16 points: what associations of the blind and partially sighted recommend at least. */
const large: LetterFormat = { ...normal, fontSize: 16, largePrint: true, qr: 30 };

/** The page for a reader. */
export const formatFor = (largePrint: boolean): LetterFormat => (largePrint ? large : normal);
