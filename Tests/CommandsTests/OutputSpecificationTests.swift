import OCI
import Testing

@testable import Commands

@Suite("Values of --output")
struct OutputSpecificationTests {
    @Test("a value without type is a directory, a dash a tar on stdout")
    func shortForms() throws {
        #expect(
            try OutputSpecification(parsing: "out") == OutputSpecification(kind: .local, destination: .path("out"))
        )
        #expect(try OutputSpecification(parsing: "-") == OutputSpecification(kind: .tar, destination: .standardOutput))
        let quoted = try OutputSpecification(parsing: "\"a,\"\"b\"")
        #expect(quoted == OutputSpecification(kind: .local, destination: .path("a,\"b")))
        #expect(try OutputSpecification(parsing: "\"type=local\",\"dest=a,b\"").destination == .path("a,b"))
        #expect(try OutputSpecification(parsing: "\"type=cacheonly\"").kind == .cacheonly)
    }

    @Test(
        "types and destinations",
        arguments: [
            ("type=local,dest=a", OutputSpecification.Kind.local, OutputSpecification.Destination.path("a")),
            ("type=tar", .tar, .standardOutput),
            ("type=tar,dest=-", .tar, .standardOutput),
            ("dest=x.tar,type=tar", .tar, .path("x.tar")),
            ("type=oci,dest=x", .oci, .path("x")),
            ("type=docker,dest=-", .docker, .standardOutput),
            ("type=cacheonly", .cacheonly, .none),
            ("type=registry,name=a/b", .image, .none),
        ]
    )
    func types(text: String, kind: OutputSpecification.Kind, destination: OutputSpecification.Destination) throws {
        let output = try OutputSpecification(parsing: text)
        #expect(output.kind == kind)
        #expect(output.destination == destination)
    }

    @Test("image attributes")
    func attributes() throws {
        let output = try OutputSpecification(
            parsing: "type=oci,dest=d,tar=false,compression=zstd,compression-level=7,\"name=a,b\",force-compression"
        )
        #expect(!output.isTar)
        #expect(output.image.compression == .zstd)
        #expect(output.image.compressionLevel == 7)
        #expect(output.image.names == ["a", "b"])
        #expect(output.image.forceCompression)
    }

    @Test(
        "what cannot work is refused",
        arguments: [
            ("type=local", OptionError.missingDestination(type: "local")),
            ("type=local,dest=-", .localToStandardOutput),
            ("dest=x,foo=y", .missingType("dest=x,foo=y")),
            ("type=foo", .unknownOutputType("foo")),
            ("type=oci,compression=foo", .unsupportedCompression("foo")),
            ("type=oci,compression-level=x", .invalidLevel("x")),
            ("type=oci,tar=zz", .notABoolean(key: "tar", value: "zz")),
            ("type=tar,name=x", .unknownOutputKey(type: "tar", key: "name")),
            ("type=oci,nonsense=1", .unknownOutputKey(type: "oci", key: "nonsense")),
        ]
    )
    func refuses(text: String, error: OptionError) {
        #expect(throws: error) { try OutputSpecification(parsing: text) }
    }

    @Test("only one output may have stdout, and never a terminal")
    func standardOutput() throws {
        let tar = try OutputSpecification(parsing: "-")
        #expect(throws: OptionError.severalStandardOutputs) {
            try OutputSpecification.validate([tar, tar], standardOutputIsTerminal: false)
        }
        #expect(throws: OptionError.standardOutputIsTerminal(type: "tar")) {
            try OutputSpecification.validate([tar], standardOutputIsTerminal: true)
        }
    }
}
