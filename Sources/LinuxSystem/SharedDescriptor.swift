/// A descriptor that several owners may hold; it is closed when the last of them lets it go.
package final class SharedDescriptor: Sendable {
    package let descriptor: FileDescriptor

    package init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    package var raw: Int32 { descriptor.raw }
}
