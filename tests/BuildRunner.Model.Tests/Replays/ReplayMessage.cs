namespace BuildRunner.Model.Tests.Replays;

/// <summary>Represents the identity of a message, with the name that the model has for it.</summary>
internal readonly record struct ReplayMessage(string Name, string Topic, string Key);
