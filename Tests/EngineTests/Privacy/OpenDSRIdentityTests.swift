import AttuneCrypto
import Engine
import Testing

@Suite("OpenDSRIdentity") struct OpenDSRIdentityTests {
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    /// RFC 1321 and FIPS 180-4 have these of "abc".
    @Test(arguments: [
        ("md5", "900150983cd24fb0d6963f7d28e17f72"), ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func digestsOfAnID(format: String, digest: String) throws {
        for value in [digest, digest.uppercased()] {
            let identity = try OpenDSRIdentity(type: "controller_customer_id", format: format, value: value, pointer: "")
            #expect(identity.names(try UserID("abc"), email: nil))
            #expect(!identity.names(try UserID("abd"), email: "abc"))
            #expect(identity.user == nil)
        }
    }

    @Test func addressesAreComparedInLowerCaseAndAsHeld() throws {
        let user = try UserID("u1")
        let raw = try OpenDSRIdentity(type: "email", format: "raw", value: " Ann@Example.org ", pointer: "")
        #expect(raw.names(user, email: "ann@example.ORG") && !raw.names(user, email: nil) && !raw.names(user, email: "bann@example.org"))
        for held in ["Ann@Example.org", "ann@example.org"] {
            let value = Self.hexadecimal(SHA256.digest(Array(held.utf8)))
            let identity = try OpenDSRIdentity(type: "email", format: "sha256", value: value, pointer: "")
            #expect(identity.names(user, email: "Ann@Example.org"))
            #expect(identity.names(try UserID("Ann@Example.org"), email: nil), "an id that is an address")
        }
    }

    @Test func onlyARawIDIsAUser() throws {
        let identity = try OpenDSRIdentity(type: "controller_customer_id", format: "raw", value: "u1", pointer: "")
        let user = try UserID("u1")
        #expect(identity.user == user && identity.names(user, email: nil))
    }

    @Test(arguments: [
        ("phone", "raw", "1"), ("email", "sha512", "1"), ("email", "md5", "900150983cd24fb0d6963f7d28e17f7"),
        ("email", "md5", "900150983cd24fb0d6963f7d28e17f7g"), ("email", "raw", ""), ("controller_customer_id", "raw", "me"),
        ("email", "sha1", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func whatIsNone(type: String, format: String, value: String) {
        #expect(throws: EngineError.self) { try OpenDSRIdentity(type: type, format: format, value: value, pointer: "") }
    }

    @Test(arguments: [
        ("a7551968-d5d6-44b2-9831-815ac9017798", true), ("A7551968-d5d6-44b2-9831-815ac9017798", false),
        ("a7551968-d5d6-14b2-9831-815ac9017798", false), ("a7551968-d5d6-44b2-c831-815ac9017798", false),
        ("a7551968d5d644b29831815ac9017798", false), ("", false),
    ])
    func ids(text: String, isGood: Bool) {
        #expect(OpenDSRSubmission.isUUID(text) == isGood)
    }
}
