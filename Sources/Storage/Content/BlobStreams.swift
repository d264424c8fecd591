import Archive

extension VerifiedBlob: ByteSource {}
extension GrowingBlobReader: ByteSource {}
extension BlobWriter: ByteSink {}
