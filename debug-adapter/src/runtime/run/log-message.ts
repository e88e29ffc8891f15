/** Log messages: text with expressions in braces. */
import { type ParsedExpression, parseExpression } from "../expression/parse.ts";
import { EvaluationError } from "../expression/types.ts";

/** Text and expressions in turn. */
export type LogMessage = readonly (string | ParsedExpression)[];

/**
 * `{{` and `}}` stand for the braces themselves.
 * @throws EvaluationError when an expression can't be read
 */
export function parseLogMessage(text: string): LogMessage {
  const parts: (string | ParsedExpression)[] = [];
  let plain = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if ((character === "{" || character === "}") && text[at + 1] === character) {
      plain += character;
      at++;
    } else if (character === "{") {
      const end = text.indexOf("}", at);
      if (end < 0) throw new EvaluationError('"{" has no "}"; write {{ for the brace itself');
      if (plain !== "") parts.push(plain);
      plain = "";
      parts.push(parseExpression(text.slice(at + 1, end)));
      at = end;
    } else plain += character;
  }
  if (plain !== "") parts.push(plain);
  return parts;
}

/** The message with each expression replaced by what `valueText` gives for it. */
export function messageText(message: LogMessage, valueText: (expression: ParsedExpression) => string): string {
  return message.map((part) => (typeof part === "string" ? part : valueText(part))).join("");
}
