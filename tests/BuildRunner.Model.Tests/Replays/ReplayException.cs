namespace BuildRunner.Model.Tests.Replays;

/// <summary>The model and the handlers have done different things.</summary>
internal sealed class ReplayException(string message, Exception? innerException = null) : Exception(message, innerException);
