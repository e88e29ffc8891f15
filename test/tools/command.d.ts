/** The checkout's top folder, with a slash at its end. */
export declare const ROOT: string;
export interface CommandResult {
    /** Exit code; -1 when a signal ended the command. */
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}
export interface CommandOptions {
    readonly cwd?: string;
    /** Added to this process's environment; undefined takes a variable away. */
    readonly env?: Readonly<Record<string, string | undefined>>;
    /** Text for stdin, which is closed behind it unless `keepInputOpen` is set. */
    readonly input?: string;
    /** For servers, which take the end of their input for the end of their client. */
    readonly keepInputOpen?: boolean;
    readonly timeoutMs?: number;
}
export declare function runCommand(command: string, args: readonly string[], { cwd, env, input, keepInputOpen, timeoutMs }?: CommandOptions): Promise<CommandResult>;
/** Runs the checkout's `nnasm` command. */
export declare function runNnasm(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
/** A new folder with these files (by path relative to it), removed when the test has finished. */
export declare function temporaryFolder(files?: Readonly<Record<string, string | Uint8Array>>): string;
