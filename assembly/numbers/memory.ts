/** Bytes of the window that text is put into. */
export const inputSize: i32 = 0x10000;

/** Text to read, with a zero behind it; it is looked at up to 64 bytes at a time. */
export const input: usize = memory.data(0x10000 + 64, 64);

/** Bytes of a single number to read; what is longer is for the host. */
export const tokenSize: i32 = 64;

/** A single number to read; it is looked at up to 64 bytes at a time. */
export const token: usize = memory.data(64 + 64, 64);

/** Elements to write: 8192 of 8 bytes. */
export const elements: usize = memory.data(0x10000, 8);

/** Bytes of the window that elements that were read, or text that was written, are put into. */
export const outputSize: i32 = 0x40000;

/** 8 bytes for each 2 of text to read, 32 for each of 8192 elements to write; stores may reach 64 bytes beyond. */
export const output: usize = memory.data(0x40000 + 64, 64);

/** Where functions leave a second result: 32 bits. */
export const secondResult: usize = memory.data(4, 4);

/** 10^i as doubles, i from 0 to 64; filled in by the host. */
export const powersOfTen: usize = memory.data(65 * 8, 8);

/** The least exponent of the table below, and the number of its entries. */
export const leastWidePower: i32 = -342;

/**
 * 10^(i - 342) as 128-bit significands, highest bit set: low half, then high half; filled in by the host. Exact from
 * 10^0 to 10^55, rounded up from 10^-27 to 10^-1 (then halves multiplied out read as halves), else rounded down.
 */
export const widePowers: usize = memory.data(667 * 16, 8);
