/** A bucket: files by key. */
export interface Objects {
  get(key: string): Promise<{ body: Uint8Array; metadata: Record<string, string> } | undefined>;
  /** The file as a stream of byte blocks; `from` skips that many bytes. @throws EngagementError `not-found` */
  stream(key: string, from?: number): Promise<AsyncIterable<Uint8Array>>;
  head(key: string): Promise<{ size: number; etag: string; metadata: Record<string, string> } | undefined>;
  put(
    key: string,
    body: Uint8Array | string,
    options?: { contentType?: string; metadata?: Record<string, string> },
  ): Promise<void>;
  /** Keys with this prefix, ascending, page after page. */
  list(prefix: string): AsyncIterable<string>;
  remove(key: string): Promise<void>;
  /** A link that lets its holder get (or put) this one file for `seconds`, at most 300 for a download (S44). */
  presign(key: string, verb: 'get' | 'put', seconds: number): Promise<string>;
}
