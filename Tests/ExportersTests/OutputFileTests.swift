import LinuxSystem
import Testing

@testable import Exporters

@Suite struct OutputFileTests {
    @Test func aFileAppearsWhenItIsComplete() throws {
        try ResultTree.with { tree in
            try Directory.open(tree.place).writeFile("out.tar", Array("old".utf8))
            let output = try OutputFile(.path(tree.place.appending("out.tar").string))
            try output.descriptor.writeAll(Array("new".utf8))
            #expect(try tree.text("out.tar") == "old")
            try output.finish()
            #expect(try tree.text("out.tar") == "new")
            #expect(try tree.names() == ["out.tar"])
        }
    }

    @Test func whatIsNotFinishedVanishes() throws {
        try ResultTree.with { tree in
            do {
                let output = try OutputFile(.path(tree.place.appending("out.tar").string))
                try output.descriptor.writeAll(Array("new".utf8))
            }
            #expect(try tree.names().isEmpty)
        }
    }

    @Test func whatALinkLeadsToIsReplacedAndTheLinkStays() throws {
        try ResultTree.with { tree in
            let place = try Directory.open(tree.place)
            try place.makeDirectory("dir")
            try place.writeFile("dir/real", Array("old".utf8))
            try place.symlink(target: "dir/real", at: "link")
            try OutputFile.write(Array("new".utf8), to: .path(tree.place.appending("link").string))
            #expect(try place.status("link").kind == .symlink)
            #expect(try tree.text("dir/real") == "new")
        }
    }

    @Test func devicesAndPipesAreWrittenTo() throws {
        try ResultTree.with { tree in
            let place = try Directory.open(tree.place)
            try place.makeNode("pipe", kind: .fifo, mode: 0o600)
            let reader = try FileDescriptor.open(tree.place.appending("pipe"), [.readWrite, .nonBlocking])
            try OutputFile.write(Array("through".utf8), to: .path(tree.place.appending("pipe").string))
            #expect(try place.status("pipe").kind == .fifo)
            var bytes = [UInt8](repeating: 0, count: 20)
            let count = try bytes.withUnsafeMutableBytes { try reader.read(into: $0) }
            #expect(bytes[..<count].elementsEqual("through".utf8))
        }
    }

    @Test func aMissingDirectoryIsAnError() throws {
        try ResultTree.with { tree in
            _ = #expect(throws: SystemError.self) {
                _ = try OutputFile(.path(tree.place.appending("no/out.tar").string)).descriptor.raw
            }
        }
    }
}
