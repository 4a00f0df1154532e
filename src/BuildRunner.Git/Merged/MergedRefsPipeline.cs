namespace BuildRunner.Git;

/// <summary>
/// Specifies where the pipeline comes from that builds a merged commit.
/// </summary>
public enum MergedRefsPipeline
{
    /// <summary>From the commit that is built. What the author of the change has made of the pipeline runs, with the rights that the CI gives to the prefix of the references.</summary>
    Head,

    /// <summary>From the target, or wherever the runner that is decorated takes it from. It gets reference and commit as data, and checks them out itself.</summary>
    Target,
}
