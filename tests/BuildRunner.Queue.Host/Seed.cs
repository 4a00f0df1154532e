namespace BuildRunner.Queue.Host;

/// <summary>The source of all randomness.</summary>
internal sealed record Seed(int Value)
{
    /// <summary>Makes the numbers of one purpose, the same in every process.</summary>
    public Random For(string purpose)
    {
        // The hash of a string is another one in each process.
        var hash = 2166136261u ^ (uint)Value;
        foreach (var character in purpose)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return new Random((int)hash);
    }
}
