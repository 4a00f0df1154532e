namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>Says which package a fixture is for.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EnginePackageAttribute(string package) : Attribute
{
    public string Package { get; } = package;
}
