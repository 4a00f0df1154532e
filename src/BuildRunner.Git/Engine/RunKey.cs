using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Git.Engine;

/// <summary>Creates the key of a run of the command: runs with the same key can be expected to have the same result.</summary>
internal static class RunKey
{
    /// <param name="tree">The id of the tree that the command sees.</param>
    /// <param name="command">The command.</param>
    /// <param name="environment">Its environment, without what differs between builds.</param>
    /// <param name="toolchainKey">Anything else that the result depends on.</param>
    public static string Of(
        string tree,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string> environment,
        string? toolchainKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, [tree]);
        Append(hash, command);
        Append(hash, [.. environment.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(static pair => new[] { pair.Key, pair.Value })]);
        Append(hash, toolchainKey is null ? [] : [toolchainKey]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // With lengths and counts, so that no two inputs hash the same bytes.
    private static void Append(IncrementalHash hash, IReadOnlyList<string> texts)
    {
        AppendNumber(hash, texts.Count);
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            AppendNumber(hash, bytes.Length);
            hash.AppendData(bytes);
        }
    }

    private static void AppendNumber(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
