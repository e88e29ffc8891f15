import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** Shown when the pointer rests on the title. */
  readonly hint?: string;
  readonly numeric?: boolean;
  /** What the column sorts by; absent: it can't be sorted. */
  readonly key?: (row: Row) => number | string;
  readonly cell: (row: Row) => ComponentChildren;
  /** The cell names its row. */
  readonly heading?: boolean;
}

interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Absent: the table keeps to itself how it is sorted, at first as the rows come. */
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  /** Rows shown before the button that shows all. */
  readonly limit?: number;
}

/** A table whose columns are sorted by the buttons in its head. */
export function Table<Row>(props: TableProps<Row>) {
  const { columns, rows, rowKey, limit = 200 } = props;
  const [all, setAll] = useState(false);
  const [own, setOwn] = useState<Sort | undefined>(undefined);
  const sort = props.sort ?? own;
  const shownRows = useMemo(() => sortRows(rows, columns, sort), [rows, columns, sort]);
  const shown = all ? shownRows : shownRows.slice(0, limit);
  return (
    <div class="table">
      <table>
        <caption>{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={sort} onSort={props.onSort ?? setOwn} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <Cells key={rowKey(row)} columns={columns} row={row} />
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {rows.length.toLocaleString("en")} rows
        </button>
      )}
    </div>
  );
}

interface HeadCellProps<Row> {
  readonly column: Pick<Column<Row>, "id" | "title" | "hint" | "numeric" | "key">;
  readonly sort: Sort | undefined;
  readonly onSort: (sort: Sort) => void;
}

export function HeadCell<Row>({ column, sort, onSort }: HeadCellProps<Row>) {
  const className = column.numeric ? "number" : undefined;
  if (column.key === undefined) {
    return (
      <th scope="col" class={className} title={column.hint}>
        {column.title}
      </th>
    );
  }
  const active = sort?.column === column.id;
  const descending = active ? sort.descending : false;
  const order = active ? (descending ? "descending" : "ascending") : "none";
  // Numbers are asked for biggest first, names alphabetically.
  const next = active ? !descending : column.numeric === true;
  return (
    <th scope="col" class={className} aria-sort={order}>
      <button type="button" title={column.hint} onClick={() => onSort({ column: column.id, descending: next })}>
        {column.title}
        <span class="arrow" aria-hidden="true">
          {active ? (descending ? "▾" : "▴") : ""}
        </span>
      </button>
    </th>
  );
}

function Cells<Row>({ columns, row }: { readonly columns: readonly Column<Row>[]; readonly row: Row }) {
  return (
    <tr>
      {columns.map((column) =>
        column.heading ? (
          <th key={column.id} scope="row">
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.id} class={column.numeric ? "number" : undefined}>
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}

function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | undefined): readonly Row[] {
  const key = columns.find(({ id }) => id === sort?.column)?.key;
  if (key === undefined || sort === undefined) return rows;
  const sign = sort.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const left = key(a);
    const right = key(b);
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}
