/** LanceDB, which runs in this process and keeps its tables in a folder or in object storage, by `@lancedb/lancedb`. */
import { optional } from "../optional.ts";
import { arrowSchemaOf } from "../part/arrow-schema.ts";
import { jsonRowOf } from "../source/json-of.ts";
import type { Columns } from "../row.ts";
import { sourceRow, type Table, without } from "./table.ts";

const packages = "@lancedb/lancedb apache-arrow";

/** How many of an index's cells are looked into, and how many times `topK` of what is found there is compared by its own numbers. What it finds of made-up rows stands in the README. */
const [cells, refine] = [50, 10];

/** @param database a folder, or what else LanceDB connects to: `s3://bucket/prefix` */
export async function lanceTable(database: string, name: string): Promise<Table> {
  const lancedb = await optional("LanceDB", packages, () => import("@lancedb/lancedb"));
  const arrow = await optional("LanceDB", packages, () => import("apache-arrow"));
  const connection = await lancedb.connect(database);
  const isThere = async (): Promise<boolean> => (await connection.tableNames({ limit: 100_000 })).includes(name);
  let opened: Awaited<ReturnType<typeof connection.openTable>> | undefined;
  const open = async () => (opened ??= await connection.openTable(name));
  const isIndexed = async (column: string): Promise<boolean> =>
    (await (await open()).listIndices()).some(({ columns }) => columns.includes(column));
  return {
    count: async () => ((await isThere()) ? (await open()).countRows() : undefined),
    async create(columns) {
      if (!(await isThere())) opened = await connection.createEmptyTable(name, arrowSchemaOf(asFloats(columns), arrow));
    },
    async add(rows) {
      const table = await open();
      await table
        .mergeInsert(sourceRow)
        .whenNotMatchedInsertAll()
        .execute(rows.map((row) => ({ ...row })));
    },
    isIndexed,
    async index(column) {
      if (await isIndexed(column)) return;
      const table = await open();
      await table.optimize(); // a shard is a fragment until then
      await table.createIndex(column, { config: lancedb.Index.ivfRq({ distanceType: "cosine" }) });
    },
    async vectors() {
      const { fields } = (await isThere()) ? await (await open()).schema() : { fields: [] };
      return fields.find(({ type }) => arrow.DataType.isFixedSizeList(type))?.name;
    },
    async nearest(vector, topK, column) {
      const table = await open();
      const query = table.query().nearestTo(vector).column(column).distanceType("cosine").nprobes(cells).refineFactor(refine);
      const found = (await query.limit(topK).toArray()) as { toJSON(): object }[];
      return found.map((one) => {
        const { _distance, ...row } = jsonRowOf(one.toJSON());
        return { score: 1 - Number(_distance), row: without(row, column) };
      });
    },
    async [Symbol.asyncDispose]() {
      opened?.close();
      connection.close();
    },
  };
}

/** int8 vectors are kept as float32: those of int8 LanceDB neither searches nor indexes. */
const asFloats = (columns: Columns): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, type]) => [name, typeof type === "object" ? { ...type, vector: "float32" } : type]),
  );
