export { parseWhere } from "./parse-where.js";
