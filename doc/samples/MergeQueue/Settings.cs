using System.Security.Cryptography;
using System.Text;

namespace MergeQueue;

/// <summary>The command line. <c>--help</c> explains it.</summary>
internal sealed record Settings(
    string Repository, string Target, string State, string[] Branches, int Batch, int Attempts, string? Pause, string? Buildbot,
    string[] Command)
{
    /// <summary>Gets the key of the runner. Builds for another target or by another command are other builds.</summary>
    public string Runner { get; } = "verify-" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [Target, Buildbot, .. Command]))))[..16];
}
