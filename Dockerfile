# A glibc image: onnxruntime has no build for musl (Alpine). Nothing is compiled here, so no compiler is needed.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app

# An init: as process 1 it reaps what ended processes leave behind, which Node cannot do for processes it did not start.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*

COPY package.json package-lock.json .npmrc ./
RUN npm ci

COPY tsconfig.json ./
COPY src ./src
COPY page ./page
COPY tools/bundle.ts tools/bundle-page.ts tools/project-root.ts ./tools/
RUN npm run build \
  && find dist -name '*.map' -delete -o -name '.tsbuildinfo' -delete

# onnxruntime-node brings every platform's libraries, 290 MB; one platform's are 45 MB. tokenizers does, too: 65 MB and 5 MB.
COPY deploy/docker/keep-one-platform.sh ./
RUN npm prune --omit=dev \
  && sh keep-one-platform.sh node_modules/onnxruntime-node \
  && find node_modules/tokenizers -name '*.node' ! -name "tokenizers.linux-$(node --print process.arch)-gnu.node" -delete


FROM node:${NODE_VERSION}-bookworm-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Slipway" \
  org.opencontainers.image.description="Serves any ONNX model over HTTP" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.licenses="Apache-2.0"

ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=8080 \
  SLIPWAY_GRPC_PORT=9000 \
  SLIPWAY_MODELS=/models

# Everything belongs to root and is only read: the server writes nowhere but to the temporary folder.
WORKDIR /app
COPY --from=build /usr/bin/tini-static /usr/bin/tini
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY models /models

# The user `node` of the image, by number: Kubernetes' runAsNonRoot cannot tell by a name.
USER 1000:1000
EXPOSE 8080 9000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/app/dist/bundle/slipway.js", "health"]

# Exec form: no shell stands between, and signals reach the server.
ENTRYPOINT ["/usr/bin/tini", "--", "node", "/app/dist/bundle/slipway.js"]
CMD ["serve"]
