import BuildGraph
import Testing

@Suite struct URLCredentialsTests {
    @Test(
        arguments: [
            ("https://host/a@b", "https://host/a@b"), ("https://user:pw@host/x.git", "https://xxxxx@host/x.git"),
            ("https://ghp_token@host/x", "https://xxxxx@host/x"), ("ssh://git@host/x", "ssh://git@host/x"),
            ("ssh://git:pw@host/x", "ssh://xxxxx@host/x"), ("git@host:owner/repo", "git@host:owner/repo"),
            ("[2/3] ADD http://u:p@a/x HTTPS://t@b/y /", "[2/3] ADD http://xxxxx@a/x HTTPS://xxxxx@b/y /"),
            ("https://u:p@q@host", "https://xxxxx@host"), ("mail a@b", "mail a@b"), ("://@", "://@"),
        ]
    )
    func hidesWhatIsSecret(text: String, shown: String) {
        #expect(text.withoutURLCredentials == shown)
    }
}
