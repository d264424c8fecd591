import OCI
import Testing

@Suite("JSON text")
struct JSONTextTests {
    @Test(
        "strings are escaped as Go escapes them",
        arguments: [
            ("a\"b\\c/d", #""a\"b\\c/d""#),
            ("<a> & b", #""\u003ca\u003e \u0026 b""#),
            ("\u{2028}\u{2029}", #""\u2028\u2029""#),
            ("\n\r\t\u{08}\u{0c}", #""\n\r\t\b\f""#),
            ("\u{00}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
            ("\r\n", #""\r\n""#),
            ("\u{e9}\u{4e2d}\u{1f600}", "\"\u{e9}\u{4e2d}\u{1f600}\""),
        ]
    )
    func escapes(text: String, expected: String) {
        #expect(String(decoding: JSONText.string(text).compact(), as: UTF8.self) == expected)
    }

    static let tree = JSONText.object([
        ("b", .array([.integer(1), .bool(true), .null])), ("a", .object([])), ("c", .array([])),
        ("d", .object([("x", .string("y"))])),
    ])

    @Test("a compact document holds no white space and keeps its order")
    func compact() {
        #expect(
            String(decoding: Self.tree.compact(), as: UTF8.self)
                == #"{"b":[1,true,null],"a":{},"c":[],"d":{"x":"y"}}"#
        )
    }

    @Test("an indented document looks like Go's")
    func indented() {
        let expected = """
            {
              "b": [
                1,
                true,
                null
              ],
              "a": {},
              "c": [],
              "d": {
                "x": "y"
              }
            }
            """
        #expect(String(decoding: Self.tree.indented(), as: UTF8.self) == expected)
    }

    @Test("maps are sorted by bytes")
    func maps() {
        let map = JSONText.map(["b": "1", "B": "2", "\u{e9}": "3", "z": "4"])
        #expect(
            String(decoding: map.compact(), as: UTF8.self) == "{\"B\":\"2\",\"b\":\"1\",\"z\":\"4\",\"\u{e9}\":\"3\"}"
        )
    }
}
