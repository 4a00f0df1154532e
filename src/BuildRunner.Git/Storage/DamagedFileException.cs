namespace BuildRunner.Git.Storage;

/// <summary>A file of one build that cannot be read as what it should be. It says nothing about the others.</summary>
internal sealed class DamagedFileException(string message, Exception? innerException = null) : IOException(message, innerException);
