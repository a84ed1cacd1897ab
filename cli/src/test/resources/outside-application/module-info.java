module outside {
    requires io.lanecell.loader;
}
