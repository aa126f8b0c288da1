# The image of Jari: one static binary and the certificates of the public authorities, nothing else. It has no shell and
# runs as an ordinary user. Time zones are inside the binary.
FROM golang:1.26-bookworm AS build
WORKDIR /src
# Modules first: they change less often than the code, and their layer is kept.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags="-s -w" -o /out/jari ./cmd/jari
# An empty folder of the right owner: a named volume takes its owner from the folder that it covers.
RUN mkdir -p /out/journal

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/jari /jari
COPY --from=build --chown=65532:65532 /out/journal /var/lib/jari
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/jari"]
CMD ["serve"]
