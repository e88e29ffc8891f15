import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/**
 * The frame of a panel's page: it loads one script, with the modules that it imports, and one style sheet of the extension,
 * and nothing else. Data come by messages.
 * @param page name of the two files in `folder`, without their endings
 */
export function pageHtml(webview: vscode.Webview, folder: vscode.Uri, page: string, title: string): string {
  const nonce = randomBytes(16).toString("base64url");
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address(`${page}.css`)}">
<title>${title}</title>
</head>
<body>
<main id="root"></main>
<script type="module" nonce="${nonce}" src="${address(`${page}.js`)}"></script>
</body>
</html>`;
}
