/** A command or data file and the Debian package that brings it. */
export interface External {
    /** A command on the PATH, or an absolute path. */
    readonly name: string;
    readonly aptPackage: string;
}
/** Everything external that a test may ask for; `.ci/run` installs these packages. */
export declare const EXTERNALS: {
    readonly gnuAs: External;
    readonly gnuLd: External;
    readonly gnuObjdump: External;
    readonly gnuReadelf: External;
    readonly riscvGcc: External;
    readonly qemuRiscv32: External;
    readonly gdb: External;
    readonly chromium: External;
    readonly fashionMnist: External;
};
/** Absolute path of the command or file, or undefined when it isn't installed. */
export declare function findExternal(wanted: External): string | undefined;
/** True where a missing package is a failure. */
export declare function isCi(): boolean;
/** Marks a skipped suite's title, so that the runner can say what to install. */
export declare function needsLabel(packages: readonly string[]): string;
/**
 * A suite that needs commands or files from outside. `body` also runs for collection where they are absent: use them only
 * inside tests and hooks.
 */
export declare function describeWith(needed: External | readonly External[], title: string, body: () => void): void;
/** True in `npm run test:long`, which runs the long variants of tests. */
export declare const IS_LONG: boolean;
/** A count or duration of a test: `usual` in `npm test`, `long` in `npm run test:long`. */
export declare function scaled<T>(usual: T, long: T): T;
