namespace BuildRunner.AotApp;

internal sealed class TransparentRunner(IBuildRunner inner) : DelegatingBuildRunner(inner);
