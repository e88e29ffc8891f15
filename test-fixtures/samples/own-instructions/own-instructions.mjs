// What the instructions of own-instructions.json do. Functions are pure: they use what they are given and keep nothing.

/**
 * @typedef {import("../../../sdk/user-instructions.d.ts").ControlUnitInstruction} ControlUnitInstruction
 * @typedef {import("../../../sdk/user-instructions.d.ts").ExtensionPortInstruction} ExtensionPortInstruction
 * @typedef {import("../../../sdk/user-instructions.d.ts").InstructionModule} InstructionModule
 * @typedef {import("../../../sdk/user-instructions.d.ts").TensorShape} TensorShape
 */

/**
 * Continues a CRC-32 by the low bytes of a word.
 * @param {number} crc
 * @param {number} word
 * @param {number} bytes
 */
function crc32(crc, word, bytes) {
  let state = crc;
  for (let bit = 0; bit < 8 * bytes; bit++) {
    const out = (state ^ (word >>> bit)) & 1;
    state = (state >>> 1) ^ (out ? 0xedb88320 : 0);
  }
  return state | 0;
}

/** @type {ControlUnitInstruction} */
const crcByte = { execute: ({ operands: { rs1, rs2 } }) => crc32(rs1, rs2, 1) };

/** @type {ControlUnitInstruction} */
const crcWord = { execute: ({ operands: { rs1, rs2 } }) => crc32(rs1, rs2, 4) };

/** @type {ControlUnitInstruction} */
const crcAt = {
  execute: ({ operands: { rd, rs1, offset }, load }) => crc32(rd, load(rs1 + offset, 4), 4),
};

/** @param {TensorShape} tensor */
const shape = ({ n, h, w, c }) => [n, h, w, c].join("x");

/** @type {ExtensionPortInstruction} */
const motion = {
  check({ tensors: { out, now, before }, fault }) {
    if (shape(out) !== shape(now) || shape(out) !== shape(before)) {
      fault(`the shapes differ: ${shape(out)}, ${shape(now)}, ${shape(before)}`);
    }
  },
  // Both images come over one way to the data memory, the result leaves by the other meanwhile.
  cycles({ tensors: { now }, config }) {
    return 2 * Math.ceil((now.n * now.h * now.w * now.c) / config.bytesPerCycle);
  },
  execute({ operands: { threshold }, read }) {
    const before = read("before");
    return read("now").map((value, index) => {
      const difference = Math.abs(value - before[index]);
      return difference > threshold ? difference : 0;
    });
  },
};

/** @type {InstructionModule} */
export default {
  "own.crc32.b": crcByte,
  "own.crc32.w": crcWord,
  "own.crc32.at": crcAt,
  "own.motion": motion,
};
