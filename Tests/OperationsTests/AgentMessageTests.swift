import LinuxSystem
import Testing

@testable import Operations

@Suite struct AgentMessageTests {
    private static func text(_ text: String) -> [UInt8] {
        [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
    }

    @Test(
        "only what lists keys or signs passes",
        arguments: [
            ([11], true), ([13, 0, 0], true), ([27] + text("query"), true),
            // Adding, removing, locking; smartcards; other extensions; damaged ones.
            ([17, 0], false), ([18], false), ([19], false), ([20], false), ([21], false), ([22], false), ([23], false),
            ([25], false), ([26], false), ([1], false), ([9], false), ([255], false),
            ([27] + text("session-bind@openssh.com"), false), ([27] + text("queryx"), false), ([27], false),
            ([27, 0, 0, 0, 5, 0x71], false), ([27, 255, 255, 255, 255, 0x71], false),
        ] as [([UInt8], Bool)]
    )
    func filter(bytes: [UInt8], passes: Bool) {
        #expect(AgentMessage(bytes: bytes).isReading == passes)
    }

    @Test("messages go through a pipe as they are; what is too long, empty or cut is none")
    func framing() throws {
        for message in [AgentMessage(bytes: [11]), AgentMessage(bytes: Array(repeating: 7, count: 40_000))] {
            let pipe = try FileDescriptor.pipe()
            try message.write(to: pipe.write)
            #expect(try AgentMessage.read(from: pipe.read) == message)
        }
        for bytes in [[0, 0, 0, 0], [0, 4, 0, 1, 1], [255, 255, 255, 255, 1], [0, 0, 0, 3, 1, 2], [0, 0], []]
            as [[UInt8]]
        {
            #expect(try Self.read(bytes) == nil)
        }
    }

    private static func read(_ bytes: [UInt8]) throws -> AgentMessage? {
        let file = try FileDescriptor.inMemory()
        try file.writeAll(bytes)
        try file.seek(to: 0)
        return try AgentMessage.read(from: file)
    }
}
