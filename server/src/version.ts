/** The server's version, which clients are told. */
export const VERSION = "0.1.0";
