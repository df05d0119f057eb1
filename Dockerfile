# The harness on the official .NET SDK, as a user without rights:
#     docker build -t model-editing-harness .
#     docker run --rm model-editing-harness                                   # --target=Table1, two minutes on two cores
#     docker run --rm model-editing-harness --target=Verify --experiments=Table1
#     docker run --rm -v harness-results:/home/app/harness/results -v harness-store:/home/app/harness/.store model-editing-harness
# The processor must have AVX2, where the image is built too. There is no libtorch for Linux on other processors.
FROM --platform=linux/amd64 mcr.microsoft.com/dotnet/sdk:10.0.100-noble

RUN install -d -o app -g app /home/app/harness /home/app/harness/results /home/app/harness/.store
USER app
ENV HOME=/home/app
WORKDIR /home/app/harness

COPY --chown=app:app . .
# Builds, so that packages and program are in the image, and shows what would run.
RUN ./build.sh --target=Table1 --dryrun

ENTRYPOINT ["./build.sh"]
CMD ["--target=Table1"]
