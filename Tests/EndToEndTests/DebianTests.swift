import Testing

/// The build that people really have: Debian, packages, a compiler, files out.
@Suite(.serialized) struct DebianTests {
    @Test("installs a compiler, compiles, and gives the program out", arguments: Account.available)
    func compiles(account: Account) throws {
        let project = try Project(
            """
            FROM \(try BaseImages.debian.get()) AS build
            RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make
            WORKDIR /src
            COPY Makefile main.c ./
            RUN make hello && ./hello
            FROM scratch
            COPY --from=build /src/hello /
            """,
            [
                "Makefile": "hello: main.c\n\tcc -static -o hello main.c\n",
                "main.c": "#include <stdio.h>\nint main(void) { puts(\"hello from a container\"); }\n",
            ],
            as: account
        )
        let outcome = try project.build("-o", ".")
        #expect(outcome.errors.contains("hello from a container"))
        #expect(try Command.check(project.path("hello"), []) == "hello from a container\n")
        let again = try project.build("-o", ".")
        #expect(PlainProgress(again).end(of: "RUN apt-get") == .cached, "\(again)")
    }
}
