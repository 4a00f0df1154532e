using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Git.Engine;

/// <summary>By what a run of the command is known: the same for runs that can be expected to end alike.</summary>
internal static class RunKey
{
    /// <param name="tree">The id of the files that the command sees.</param>
    /// <param name="command">The command.</param>
    /// <param name="environment">Its environment, but for what differs from build to build.</param>
    /// <param name="toolchainKey">What else the result depends on.</param>
    public static string Of(string tree, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string? toolchainKey)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, [tree]);
        Append(hash, command);
        Append(hash, [.. environment.OrderBy(static pair => pair.Key, StringComparer.Ordinal).SelectMany(static pair => new[] { pair.Key, pair.Value })]);
        Append(hash, toolchainKey is null ? [] : [toolchainKey]);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Each with its length and each list with its count, so that no two sets of texts are taken for one another.
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
