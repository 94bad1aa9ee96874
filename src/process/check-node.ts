/** Imported first: an older Node would fail inside a library, in words that help nobody. */
const OLDEST = [22, 22] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  console.error(
    `Sluice needs Node ${OLDEST.join('.')} or later, and this is ${process.versions.node}. Use \`npm start\`, which brings its own.`,
  );
  process.exit(1);
}
