/** Runs dependency-cruiser with our rules over a checkout. */
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { RULES } from "./rules.ts";

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface LayerReport {
  readonly violations: readonly Violation[];
  /** Our own modules that were looked at, as paths in the checkout. */
  readonly modules: readonly string[];
}

/**
 * Checks the imports of all modules below `folders`.
 * @param root absolute path of the checkout
 */
export async function checkLayers(root: string, folders: readonly string[]): Promise<LayerReport> {
  const { output } = await cruise(
    [...folders],
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: RULES },
      // Type-only imports count as well.
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      exclude: { path: ["(^|/)dist/", "(^|/)\\.cache/"] },
    },
    {
      // Workspaces import each other by package name; the symbolic links lead to their sources.
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".json", ".css", ".d.ts"],
      symlinks: true,
    },
  );
  const { summary, modules } = output as ICruiseResult;
  return {
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    modules: modules.map((module) => module.source).filter((source) => !/(^|\/)node_modules\//.test(source)),
  };
}
