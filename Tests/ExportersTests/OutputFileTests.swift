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

    @Test func aMissingDirectoryIsAnError() throws {
        try ResultTree.with { tree in
            _ = #expect(throws: SystemError.self) {
                _ = try OutputFile(.path(tree.place.appending("no/out.tar").string)).descriptor.raw
            }
        }
    }
}
