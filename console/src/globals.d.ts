/** First twelve digits of the SHA-256 of the sources that this console was built from. */
declare const __SOURCE__: string;
