/** The version of emoconv that this engine belongs to. */
export const VERSION = "0.1.0";

/** The newest format of a bundle's folder that it reads. */
export const FORMAT_VERSION = 2;
