import Connectors
import Testing

@Suite struct EndpointTests {
    @Test(arguments: [
        ("http://127.0.0.1:8081", "127.0.0.1:8081", ""), ("http://127.0.0.1:8081/", "127.0.0.1:8081", ""),
        ("https://API.openai.com", "api.openai.com", ""), ("https://a.example:443/", "a.example", ""),
        ("http://a.example:80", "a.example", ""),
        ("https://a.example:80", "a.example:80", ""), ("http://[::1]:9000", "[::1]:9000", ""),
        ("HTTPS://a.example/proxy/x//", "a.example", "/proxy/x"),
        ("http://a.example/%41", "a.example", "/%41"),
    ]) func readsBaseURLs(text: String, authority: String, path: String) throws {
        let endpoint = try #require(Endpoint(text))
        #expect(endpoint.authority == authority && endpoint.path == path)
        #expect(endpoint.isEncrypted == text.lowercased().hasPrefix("https"))
    }

    @Test(arguments: [
        "", "localhost:8080", "//a.example", "ftp://a.example", "file:///etc/passwd", "http://", "http:///x", "http://a.example?x=1",
        "http://a.example#x",
        "http://user:secret@a.example", "http://user@a.example", "http://a.example:0", "http://a.example:70000", "http://a.example/ x",
        "http://a.example\r\nx: y", "unix:///tmp/socket", "http://é.example",
    ]) func refusesEverythingElse(text: String) {
        #expect(Endpoint(text) == nil)
    }
}
