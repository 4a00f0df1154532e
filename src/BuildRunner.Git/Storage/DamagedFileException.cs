namespace BuildRunner.Git.Storage;

/// <summary>The exception that is thrown when a file of one build is damaged. Other builds are not affected.</summary>
internal sealed class DamagedFileException(string message, Exception? innerException = null) : IOException(message, innerException);
