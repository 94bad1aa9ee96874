# Pin the base by digest where builds must be repeatable: FROM node:24-bookworm-slim@sha256:… (docker buildx imagetools inspect
# node:24-bookworm-slim shows it). The tag follows the patch releases of Node 24.
ARG NODE_IMAGE=node:24-bookworm-slim

# What runs: the dependencies of package.json alone. The optional package is a Node for machines without one; the image has its own.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

# What builds: TypeScript in, dist out.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json tsconfig.examples.json tsconfig.migrations.json ./
COPY scripts scripts
COPY src src
COPY migrations migrations
COPY examples examples
RUN npm run build

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
# The process writes in data.folder only (/app/data), as the user `node` (uid 1000).
RUN mkdir -m 0700 data && chown node:node data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY examples/components examples/components
COPY package.json LICENSE ./
USER node
VOLUME ["/app/data"]
EXPOSE 1234
# Answers 503 until the first load of components is in force, and again from SIGTERM on.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SLUICE_SERVER_PORT || 1234}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# A small young generation keeps collections short while many records are loaded (docs/performance.md).
CMD ["node", "--max-semi-space-size=4", "dist/main.js"]
