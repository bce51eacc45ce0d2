declare module 'qrcode' {
  /** The package publishes no types; this is the part that is used. */
  export const create: (
    text: string,
    options: { readonly errorCorrectionLevel: 'L' | 'M' | 'Q' | 'H' },
  ) => { readonly modules: { readonly size: number /** 1 = dark, row by row. */; readonly data: Uint8Array } };
}
