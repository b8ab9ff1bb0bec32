// Writes charts/roles/files/commands.yaml from the table of what each command asks of a cluster; after `npm run build`.
import { writeFileSync } from "node:fs";
import { rolesFile } from "../dist/test/support/roles-file.js";

writeFileSync(new URL("../charts/roles/files/commands.yaml", import.meta.url), rolesFile());
