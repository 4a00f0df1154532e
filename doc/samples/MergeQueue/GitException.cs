namespace MergeQueue;

/// <summary>git has failed; the message is a sentence for the person who runs this.</summary>
internal sealed class GitException(string message) : Exception(message);
