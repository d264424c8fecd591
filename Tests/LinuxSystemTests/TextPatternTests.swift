import LinuxSystem
import Testing

struct TextPatternTests {
    @Test(arguments: [
        ("a+b", "xaab", true), ("^a", "ba", false), ("[0-9]{3}$", "x123", true), ("", "anything", true),
        ("source\\.(git|local)", "source.git.checkout", true),
    ])
    func expressionsAreFoundAnywhere(_ expression: String, _ text: String, _ isFound: Bool) {
        #expect(TextPattern(expression)?.matches(text) == isFound)
    }

    @Test func whatIsNoExpressionIsRefused() {
        #expect(TextPattern("(") == nil && TextPattern("[a") == nil)
    }
}
