/** Made-up addresses of an object's sections: each has a range of its own, so that an address says what it belongs to. */

/** Distance of the ranges: twice the address space, so that offsets may be negative. */
const RANGE = 2 ** 33;
const HALF = 2 ** 32;

/** Address of the first byte of the section with this number. */
export const rangeStart = (index: number): number => RANGE * (index + 1) + HALF;

/** Whether a value is such an address; others are numbers of the source. */
export const isRanged = (value: number): boolean => value >= RANGE;

export const rangeOwner = (address: number): number => Math.floor(address / RANGE) - 1;

export const rangeOffset = (address: number): number => address - rangeStart(rangeOwner(address));
