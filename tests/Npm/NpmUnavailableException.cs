namespace BuildRunner.Npm;

/// <summary>Node or the packages that the checkers need cannot be had on this machine.</summary>
public sealed class NpmUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
